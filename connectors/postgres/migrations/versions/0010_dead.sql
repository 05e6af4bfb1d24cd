-- A shop's dead writebacks, the most urgent first.
CREATE INDEX writebacks_dead_shop ON writebacks (shop, ship_by) WHERE phase = 'DEAD';
