--- Tries what the caller's user may do: each command that the scripts use, and to read and to write each kind of key.
-- It changes nothing: what it writes is on a key of its own, which it takes away again.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
-- ARGV
--   1 scratch          text that no job, user, writer or command has
-- reply: a tag, then
--   DONE      for each try that failed: the command, the kind of key, and the server's reason
-- events appended: none
--- @include keys
local scratch = ARGV[1]
local own = keyOfWriter(scratch)
local reply = { 'DONE' }

local function try(kind, ...)
  local answer = redis.pcall(...)
  if type(answer) ~= 'table' or not answer.err then return end
  local at = #reply
  reply[at + 1], reply[at + 2], reply[at + 3] = (...), kind, answer.err
end

-- What takes a key away comes first: without it nothing may be written.
try('writer:*', 'DEL', own)
try('writer:*', 'PEXPIRE', own, 1000)
if #reply > 1 then return reply end

for _, command in ipairs({
  { 'TIME' }, { 'TYPE', own }, { 'EXISTS', own },
  { 'HSET', own, 'field', 1 }, { 'HSETNX', own, 'field', 1 }, { 'HINCRBY', own, 'field', 1 }, { 'HGET', own, 'field' },
  { 'HMGET', own, 'field' }, { 'HGETALL', own }, { 'HEXISTS', own, 'field' }, { 'HDEL', own, 'field' }, { 'DEL', own },
  { 'ZADD', own, 1, 'member' }, { 'ZCARD', own }, { 'ZSCORE', own, 'member' }, { 'ZCOUNT', own, 0, 1 },
  { 'ZREVRANK', own, 'member' }, { 'ZREVRANGE', own, 0, 0 }, { 'ZRANGEBYSCORE', own, 0, 1 }, { 'ZREM', own, 'member' },
  { 'DEL', own }, { 'XADD', own, '*', 'field', 1 }, { 'XLEN', own }, { 'XRANGE', own, '-', '+', 'COUNT', 1 },
  { 'XREVRANGE', own, '+', '-', 'COUNT', 1 }, { 'XTRIM', own, 'MINID', '0' }, { 'XDEL', own, '0-1' }, { 'DEL', own },
  { 'SET', own, 1, 'PX', 1000 }, { 'GET', own }, { 'DEL', own },
}) do try('writer:*', unpack(command)) end

for kind, key in pairs({ meta = keyMeta, counts = keyCounts }) do
  try(kind, 'HGET', key, scratch)
  try(kind, 'HDEL', key, scratch)
end
try('expiry', 'ZSCORE', keyExpiry, scratch)
try('expiry', 'ZREM', keyExpiry, scratch)
try('events', 'XLEN', keyEvents)
try('events', 'XTRIM', keyEvents, 'MINID', '0')
for kind, key in pairs({ ['job:*'] = keyOfJob(scratch), ['user:*'] = keyOfUser(scratch),
  ['user-status:*'] = keyOfUserStatus(scratch, scratch), ['command:*'] = keyOfCommand(scratch, scratch) }) do
  try(kind, 'EXISTS', key)
  try(kind, 'DEL', key)
end
return reply
