--- Corrects the counts of one partition by differences. A count that is no number counts as -1, as in the census.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 token            of this very call, which may come twice
--   3 pairs …          status, and what to add
-- reply: a tag
--   DONE      nothing
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include places
--- @include is-count
local failure = openLog(ARGV[1])
if failure then return failure end
if redis.call('HGET', keyMeta, 'amended') == ARGV[2] then return { 'DONE' } end
makeRoom(keyCounts, 'hash')
for index = 3, #ARGV, 2 do
  local count = redis.call('HGET', keyCounts, ARGV[index])
  if count and not isSum(count) then redis.call('HSET', keyCounts, ARGV[index], '-1') end
end
-- What comes before may be done twice, what comes behind can't fail.
redis.call('HSET', keyMeta, 'amended', ARGV[2])
for index = 3, #ARGV, 2 do redis.call('HINCRBY', keyCounts, ARGV[index], ARGV[index + 1]) end
return { 'DONE' }
