--- Says which jobs of one partition are not to the byte what they are taken for, each at one instant.
--
-- KEYS
--   1 meta (hash)      the partition's; all other names are made from it
--   2 absent           never there: no script runs while a slot's keys are on two nodes
-- ARGV
--   1 format           of the store
--   2 frames           the jobs, packed (see lib/take.lua), each: id, number of hash fields and values that it is to
--                      have, these, user, status, createdAt (ms), expiresAt (ms); '' for an ended one
--   3 long …           values too long for the frames
-- reply: a tag, then
--   DONE      the ids of those that are another, or whose index entries are
--   FORMAT    the format that the store has; '' where there is no store
-- events appended: none
local framesAt = 2
--- @include keys
--- @include log
--- @include take
--- @include score
local failure = openLog(ARGV[1])
if failure then return failure end
local reply = { 'DONE' }

--- Compares with the next values of the frames, and takes them all.
local function isHash(key)
  local hash = redis.pcall('HGETALL', key)
  local count = tonumber(take())
  local isRight = not hash.err and #hash == count
  local found = {}
  for index = 1, #hash, 2 do found[hash[index]] = hash[index + 1] end
  for _ = 1, count, 2 do
    local name = take()
    if found[name] ~= take() then isRight = false end
  end
  return isRight
end

while frameAt <= #frames do
  local id = take()
  local isRight = isHash(keyOfJob(id))
  local userId, status, createdMs, expiresMs = take(), take(), take(), take()
  if isRight and status ~= '' then
    isRight = scoreOf(keyOfUser(userId), id) == createdMs and scoreOf(keyOfUserStatus(userId, status), id) == createdMs
      and scoreOf(keyExpiry, id) == expiresMs
  end
  if not isRight then reply[#reply + 1] = id end
end
return reply
