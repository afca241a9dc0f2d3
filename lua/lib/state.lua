--- @include entry-at
--- Puts a job's whole state at a reply's end: the number of hash fields and values, these, then the number of events
-- that they refer to and their data. A value of 0xC1 and an event's id stands for what that event set.
-- @param fields  the job's hash, if it is at hand
local function pushState(reply, id, fields)
  fields = fields or redis.call('HGETALL', keyOfJob(id))
  local at = #reply + 1
  reply[at] = #fields
  local events, seen = {}, {}
  for index = 1, #fields do
    local value = fields[index]
    reply[at + index] = value
    if index % 2 == 0 and string.byte(value) == 193 and #value > 1 and not seen[value] then
      seen[value] = true
      events[#events + 1] = string.sub(value, 2)
    end
  end
  at = at + #fields + 1
  reply[at] = #events * 2
  for index, event in ipairs(events) do
    local entry = entryAt(event)
    reply[at + index * 2 - 1] = event
    reply[at + index * 2] = entry and entry[2][18] or ''
  end
end
