-- The console's lists: of each shop by itself, what is asked the most urgent first, and what has ended the newest first.
DROP INDEX tasks_open;
CREATE INDEX tasks_open ON tasks (shop, (coalesce(due_at, '9999-12-31T00:00Z')), task_id) WHERE state = 'OPEN';
CREATE INDEX tasks_ended ON tasks (shop, at, task_id) WHERE state <> 'OPEN';
