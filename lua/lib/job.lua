--- @include head
--- A job as scripts see it: the fields of its hash that are plain, by name. Never used: version 0, no status. A
-- tombstone: no status. Own fields of the job are bytes that no script looks into.
-- @param isNew  whether there is probably none
-- @return the job, or nil and what is wrong with its hash
local function readJob(id, isNew)
  local key = keyOfJob(id)
  if isNew and redis.call('EXISTS', key) == 0 then return { id = id, key = key, version = 0, event = '' } end
  local head, version = readHead(key, 'createdAt', '@base')
  if not head then return nil, version end
  local status, expiresAt = head[3], head[5]
  if status and not head[6] then return nil, key .. ': its createdAt is gone' end
  return {
    id = id,
    key = key,
    version = version,
    event = head[2] or '',
    status = status,
    userId = head[4],
    createdAt = head[6],
    expiresAt = expiresAt,
    base = head[7],
    isDue = status and isDue(expiresAt),
  }
end
