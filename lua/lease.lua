--- Decides which store sweeps: one at a time, until its lease runs out.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
-- ARGV
--   1 format           of the store
--   2 sweeper          id of the asking store
--   3 for              how long, in ms
-- reply: a tag, then
--   DONE      1 if the asking store has it now, else 0
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include clock
local meta = redis.call('HMGET', keyMeta, 'format', 'sweeper', 'sweeperUntil')
if meta[1] ~= ARGV[1] then return { 'FORMAT', meta[1] or '' } end
if meta[2] and meta[2] ~= ARGV[2] and tonumber(meta[3]) > nowMs then return { 'DONE', 0 } end
redis.call('HSET', keyMeta, 'sweeper', ARGV[2], 'sweeperUntil', nowMs + tonumber(ARGV[3]))
return { 'DONE', 1 }
