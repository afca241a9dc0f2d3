--- Makes a partition that lost its state, or is being mended, take writes again, and puts right where its log ends.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 partitions       number of them
--   3 epoch            for a store whose own is lost
--   4 ending           1 if all of another log is there that was to be taken over (lua/adopt.lua)
-- reply: a tag, then
--   DONE      1 if anything was wrong
--   ADOPTING  nothing: it is not
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
--- @include keys
--- @include log
--- @include log-end
--- @include places
local failure = openLog(ARGV[1])
if failure then return failure end
makeRoom(keyMeta, 'hash')
if ARGV[4] ~= '1' and redis.call('HEXISTS', keyMeta, 'adopting') == 1 then return { 'ADOPTING' } end
local sequence, newest = logEnd()
redis.call('HDEL', keyMeta, 'mending')
local meta = redis.call('HMGET', keyMeta, 'format', 'sequence', 'newest', 'trimmedSequence')
if meta[1] and meta[2] == sequence and meta[3] == newest and meta[4] then return { 'DONE', 0 } end

--- The last id that could come before one.
local function idBefore(id)
  local ms, rank = string.match(id, '^(%d+)-(%d+)$')
  if rank ~= '0' then return ms .. '-' .. string.format('%.0f', tonumber(rank) - 1) end
  return string.format('%.0f', tonumber(ms) - 1) .. '-18446744073709551615'
end

local oldest = redis.call('XRANGE', keyEvents, '-', '+', 'COUNT', 1)[1]
redis.call('HSETNX', keyMeta, 'epoch', ARGV[3])
redis.call('HSETNX', keyMeta, 'partitions', ARGV[2])
redis.call('HSETNX', keyMeta, 'trimmedSequence', oldest and string.format('%d', tonumber(oldest[2][2]) - 1) or '0')
redis.call('HSETNX', keyMeta, 'trimmed', oldest and idBefore(oldest[1]) or '0')
redis.call('HSET', keyMeta, 'format', ARGV[1], 'sequence', sequence, 'newest', newest)
redis.call('HDEL', keyMeta, 'adopting')
return { 'DONE', 1 }
