--- Decides which store does a task that one at a time does, until its lease runs out or is given back.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 task             sweep, rebuild or compact
--   3 owner            id of the asking store
--   4 for              how long, in ms; 0 gives it back
-- reply: a tag, then
--   DONE      1 if the asking store has it now, else 0
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include clock
--- @include log
local failure = openLog(ARGV[1])
if failure then return failure end
local task, owner, forMs = ARGV[2], ARGV[3], tonumber(ARGV[4])
local held = redis.call('HMGET', keyMeta, task .. 'Owner', task .. 'Until', task .. 'For')
local untilMs, heldForMs = tonumber(held[2] or 0), tonumber(held[3] or 1e15)
-- One that ends much later than it could was taken by a clock that has been set back since; a little is a clock's own.
local isHeld = untilMs and untilMs > nowMs and heldForMs and untilMs <= nowMs + 2 * heldForMs
if held[1] and held[1] ~= owner and isHeld then return { 'DONE', 0 } end
redis.call('HSET', keyMeta, task .. 'Owner', owner, task .. 'Until', string.format('%.0f', nowMs + forMs),
  task .. 'For', forMs)
return { 'DONE', 1 }
