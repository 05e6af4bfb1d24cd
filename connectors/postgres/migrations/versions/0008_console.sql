-- Who may use the console. Kept by penstock console alone: no topic tells of it, and a database made anew begins without users.
-- Which rows a user's shops show is held by policies that rights.sql's roles get (connectors/postgres/scopes.py).

CREATE TABLE console_users (
    name text,
    password text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    made_by text NOT NULL,
    PRIMARY KEY (name)
);
COMMENT ON TABLE console_users IS 'Users of the console: one row each.';
COMMENT ON COLUMN console_users.name IS 'What they log in with, and what the audit calls them.';
COMMENT ON COLUMN console_users.password IS 'Argon2id of the password, with its salt and cost.';
COMMENT ON COLUMN console_users.made_at IS 'When the user was added, or last given a password.';
COMMENT ON COLUMN console_users.made_by IS 'Account of who did it.';

CREATE TABLE console_grants (
    name text REFERENCES console_users ON DELETE CASCADE,
    role text,
    kind text CHECK (kind IN ('all', 'department', 'shop')),
    place text,
    made_at timestamptz NOT NULL DEFAULT now(),
    made_by text NOT NULL,
    PRIMARY KEY (name, role, kind, place)
);
COMMENT ON TABLE console_grants IS 'What users may do, and where: one row a user, role and place. They add up; who has none may do nothing.';
COMMENT ON COLUMN console_grants.name IS 'The user.';
COMMENT ON COLUMN console_grants.role IS 'A set of permissions by its name, as in connectors/console/permissions.py.';
COMMENT ON COLUMN console_grants.kind IS 'Where: in all shops, in those of a department, or in one shop.';
COMMENT ON COLUMN console_grants.place IS 'Name of the department or shop; empty for all.';
COMMENT ON COLUMN console_grants.made_at IS 'When it was granted.';
COMMENT ON COLUMN console_grants.made_by IS 'Account of who granted it.';

CREATE TABLE console_departments (
    department text,
    shop text,
    PRIMARY KEY (department, shop)
);
COMMENT ON TABLE console_departments IS 'Departments and their shops: one row a shop of a department.';
COMMENT ON COLUMN console_departments.department IS 'Name of the department.';
COMMENT ON COLUMN console_departments.shop IS 'A shop of it, by its name in orders.';

CREATE TABLE console_sessions (
    token_hash bytea,
    name text NOT NULL REFERENCES console_users ON DELETE CASCADE,
    made_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (token_hash)
);
-- All of a user: to end them at once.
CREATE INDEX console_sessions_name ON console_sessions (name);
COMMENT ON TABLE console_sessions IS 'Log-ins that last: one row each, gone when it has ended.';
COMMENT ON COLUMN console_sessions.token_hash IS 'SHA-256 of what the browser sends: who reads this table can log in as nobody.';
COMMENT ON COLUMN console_sessions.name IS 'The user.';
COMMENT ON COLUMN console_sessions.made_at IS 'When they logged in: the session ends a while after it, whatever they do.';
COMMENT ON COLUMN console_sessions.seen_at IS 'When they last did something, to the minute: the session ends a shorter while after it.';

CREATE TABLE console_tries (
    what text,
    failed integer NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (what)
);
COMMENT ON TABLE console_tries IS 'Log-ins that failed lately: one row a name and one an address.';
COMMENT ON COLUMN console_tries.what IS 'Fingerprint of the name, or of the address.';
COMMENT ON COLUMN console_tries.failed IS 'How often in a row.';
COMMENT ON COLUMN console_tries.last_at IS 'When last.';
