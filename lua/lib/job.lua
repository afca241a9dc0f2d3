--- A job as scripts see it: the fields of its hash that are plain, by name. Never used: version 0, no status. A
-- tombstone: no status. Own fields of the job are bytes that no script looks into.
-- @param stays   whether no list, count or queue hangs on what is to be done, and no field goes: then createdAt and
--                base are left out
-- @return the job, or nil and what is wrong with its hash
local function readJob(id, stays)
  local key = keyOfJob(id)
  local reply
  if stays then
    reply = redis.pcall('HMGET', key, '@version', '@event', 'status', 'userId', 'expiresAt')
  else
    reply = redis.pcall('HMGET', key, '@version', '@event', 'status', 'userId', 'expiresAt', 'createdAt', '@base')
  end
  if reply.err then return nil, key .. ': ' .. reply.err end
  local version = tonumber(reply[1] or 0)
  local status, userId, expiresAt, createdAt = reply[3], reply[4], reply[5], reply[6]
  if not version or version > 1e15 or (version > 0 and not reply[2]) then
    return nil, key .. ': its version or event is gone'
  end
  if (status or userId) and not (status and version > 0 and userId and expiresAt and (stays or createdAt)) then
    return nil, key .. ': its status, userId, createdAt or expiresAt is gone'
  end
  return {
    id = id,
    key = key,
    version = version,
    event = reply[2] or '',
    status = status,
    userId = userId,
    createdAt = createdAt,
    expiresAt = expiresAt,
    base = reply[7],
    isDue = status and isDue(expiresAt),
  }
end
