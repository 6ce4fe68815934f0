-- +goose NO TRANSACTION
-- +goose Up
-- What a program's pool no longer has is taken out of it; the once-keys that a
-- merge found in collision are found by the act.

-- a pool that is said anew is what the file says, no more
GRANT DELETE ON pool TO fenlu_app;
-- what an act of merging found
CREATE INDEX IF NOT EXISTS once_conflict_act ON once_conflict (act);
