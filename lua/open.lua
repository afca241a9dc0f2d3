--- Makes a partition at its first use, or checks that it is what the caller takes it for.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 partitions       number of them
--   3 epoch            for a store that is new
-- reply: a tag, then
--   DONE         the store's epoch, and 1 if its log is to be mended (lua/mend.lua)
--   PARTITIONS   the number that the store has
--   LOST         nothing: events are there, and the state is not made of them yet, or no more
--   FORMAT       the format that the store has
-- events appended: none
--- @include keys
--- @include torn
local meta = redis.call('HMGET', keyMeta, 'format', 'partitions', 'epoch', 'adopting', 'sequence', 'trimmedSequence',
  'others', 'mending')
if meta[1] then
  if meta[1] ~= ARGV[1] then return { 'FORMAT', meta[1] } end
  if meta[2] ~= ARGV[2] then return { 'PARTITIONS', meta[2] } end
  return { 'DONE', meta[3], isTorn(meta[5], meta[6], meta[7], meta[8]) and 1 or 0 }
end
if meta[4] or redis.call('XLEN', keyEvents) > 0 then return { 'LOST' } end
redis.call('HSET', keyMeta, 'format', ARGV[1], 'partitions', ARGV[2], 'epoch', ARGV[3], 'sequence', 0, 'newest', '',
  'trimmedSequence', 0, 'trimmed', '0')
return { 'DONE', ARGV[3], 0 }
