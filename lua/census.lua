--- Says how many jobs there are of each status, and where the log ends, at one instant. A count that is no number
-- is -1.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
-- reply: a tag, then
--   DONE      number and id of the newest event by the log, the same by meta, then pairs of status and count
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include log-end
--- @include is-count
local failure = openLog(ARGV[1])
if failure then return failure end
local sequence, newest = logEnd()
local meta = redis.pcall('HMGET', keyMeta, 'sequence', 'newest')
local reply = { 'DONE', sequence, newest, meta[1] or '0', meta[2] or '' }
local counts = redis.pcall('HGETALL', keyCounts)
if counts.err then return reply end
for index = 1, #counts, 2 do
  reply[#reply + 1] = counts[index]
  reply[#reply + 1] = isSum(counts[index + 1]) and counts[index + 1] or '-1'
end
return reply
