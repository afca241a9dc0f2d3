--- @include stream-ids
--- @include entry-at
--- Whether an event that there was is gone, other than by compaction: a server lost it, or it was part of a torn
-- transaction (lib/torn.lua).
local function isTakenOut(event)
  if not isStreamId(event) or entryAt(event) then return false end
  return isAfter(event, redis.call('HGET', keyMeta, 'trimmed') or '')
end
