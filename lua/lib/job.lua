--- A job as scripts see it: the fields of its hash that are plain, by name. Never used: version 0, no status. A
-- tombstone: no status. Own fields of the job are bytes that no script looks into.
-- @return the job, or nil and what is wrong with its hash
local function readJob(id)
  local reply = redis.pcall('HMGET', keyOfJob(id), '@version', '@event', 'status', 'userId', 'createdAt', 'expiresAt',
    '@base')
  if reply.err then return nil, keyOfJob(id) .. ': ' .. reply.err end
  local version = tonumber(reply[1] or 0)
  local status, userId, createdAt, expiresAt = reply[3], reply[4], reply[5], reply[6]
  if not version or (version > 0 and not reply[2]) then return nil, keyOfJob(id) .. ': its version or event is gone' end
  if status and not (version > 0 and userId and createdAt and expiresAt) then
    return nil, keyOfJob(id) .. ': its userId, createdAt or expiresAt is gone'
  end
  return {
    id = id,
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
