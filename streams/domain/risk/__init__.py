"""Risk: whose data a receiver field is, what is odd about an order, and by how much."""
