--- Repairs: what is of the wrong type where a sorted set or a hash should be is nobody's, and goes.
local fitting = {}

-- @return whether something of that type may be there
local function makeRoom(key, type)
  if fitting[key] then return true end
  local found = redis.call('TYPE', key)
  found = found.ok or found
  if found ~= type and found ~= 'none' then redis.call('DEL', key) end
  fitting[key] = true
  return found == type
end

--- Takes a job out of the lists that its hash names, and out of the expiry queue.
local function leavePlaces(id, userId, status)
  if userId then
    makeRoom(keyOfUser(userId), 'zset')
    redis.call('ZREM', keyOfUser(userId), id)
  end
  if userId and status then
    makeRoom(keyOfUserStatus(userId, status), 'zset')
    redis.call('ZREM', keyOfUserStatus(userId, status), id)
  end
  makeRoom(keyExpiry, 'zset')
  redis.call('ZREM', keyExpiry, id)
end

--- Enters a job in its lists and the expiry queue.
local function enterPlaces(id, userId, status, createdMs, expiresMs)
  makeRoom(keyOfUser(userId), 'zset')
  makeRoom(keyOfUserStatus(userId, status), 'zset')
  redis.call('ZADD', keyOfUser(userId), createdMs, id)
  redis.call('ZADD', keyOfUserStatus(userId, status), createdMs, id)
  redis.call('ZADD', keyExpiry, expiresMs, id)
end
