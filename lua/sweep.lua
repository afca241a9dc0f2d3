--- Ends jobs of one partition whose time has come, each with one `expired` event.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 limit            jobs
-- reply: a tag, then
--   DONE      how many jobs ended
--   FORMAT    the format that the store has; '' where there is no store
--   TORN      the log is to be mended first: lua/mend.lua
-- events appended: expired
--- @include keys
--- @include clock
--- @include guards
--- @include job
--- @include append
--- @include indexes
--- @include end
--- @include sweep
--- @include store
local failure = openStore(ARGV[1])
if failure then return failure end
local ended = sweepDue(tonumber(ARGV[2]))
return { 'DONE', ended }
