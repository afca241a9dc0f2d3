--- New jobs are entered in lists, queue and counts together, a call for each of these: Redis takes more time for a call
-- than for an entry.
local entries, lists, created = {}, {}, {}

local function noteEntry(key, score, id)
  local list = entries[key]
  if not list then
    list = { 'ZADD', key }
    entries[key], lists[#lists + 1] = list, list
  end
  local at = #list
  list[at + 1], list[at + 2] = score, id
end

--- Notes a new job. It must be in its places before anything else is done to these.
local function enter(id, userId, status, createdMs, expiresMs)
  local places = placesOf(userId, status)
  noteEntry(places.user, createdMs, id)
  noteEntry(places.userStatus, createdMs, id)
  noteEntry(keyExpiry, expiresMs, id)
  created[status] = (created[status] or 0) + 1
end

--- Enters all that were noted.
local function enterNoted()
  if #lists == 0 then return end
  for _, list in ipairs(lists) do redis.call(unpack(list)) end
  for status, count in pairs(created) do redis.call('HINCRBY', keyCounts, status, count) end
  entries, lists, created = {}, {}, {}
end
