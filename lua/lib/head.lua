--- @include stream-ids
-- Where a text is only looked at, find: match makes, and the server hashes, another one.
local find = string.find

--- Characters of a date, for years of four digits.
local LEAST_DATE = 24

--- What no change of a job can do without, from its hash.
-- @param ...  further fields
-- @return the fields (version, event, status, userId, expiresAt, then these) and the version as a number; or nil and
-- what is wrong
local function readHead(key, ...)
  local head = redis.pcall('HMGET', key, '@version', '@event', 'status', 'userId', 'expiresAt', ...)
  if head.err then return nil, key .. ': ' .. head.err end
  -- The next event names the event: what is none there would end each walk back, for ever.
  local version = tonumber(head[1] or 0)
  local isLinked = head[1] and version and #head[1] <= 15 and not find(head[1], '%D')
    and head[2] and isStreamId(head[2])
  if not isLinked and (head[1] or head[2]) then
    return nil, key .. ': its version or event is gone or spoiled'
  end
  local isLive = head[3] or head[4]
  if isLive and not (head[3] and version > 0 and head[4] and head[5] and #head[5] >= LEAST_DATE) then
    return nil, key .. ': its status, userId or expiresAt is gone or spoiled'
  end
  return head, version
end
