--- What no change of a job can do without, from its hash.
-- @param ...  further fields
-- @return the fields (version, event, status, userId, expiresAt, then these) and the version as a number; or nil and
-- what is wrong
local function readHead(key, ...)
  local head = redis.pcall('HMGET', key, '@version', '@event', 'status', 'userId', 'expiresAt', ...)
  if head.err then return nil, key .. ': ' .. head.err end
  local version = tonumber(head[1] or 0)
  if not version or version > 1e15 or (version > 0 and not head[2]) then
    return nil, key .. ': its version or event is gone'
  end
  if (head[3] or head[4]) and not (head[3] and version > 0 and head[4] and head[5]) then
    return nil, key .. ': its status, userId or expiresAt is gone'
  end
  return head, version
end
