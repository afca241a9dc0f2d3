--- Puts an event at a reply's end: its id, then the values of its fields in the order in which append wrote them:
-- sequence number, type, job, user, version, event before, removed, meta, data.
-- @return the job's event before it; '' for none
local function pushEntry(reply, entry)
  local values = entry[2]
  local at = #reply + 1
  reply[at] = entry[1]
  for index = 1, 9 do reply[at + index] = values[index * 2] end
  return values[12]
end
