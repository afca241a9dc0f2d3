--- The log's entry of an id that stands in the state: it may be none, which must not end a script that has written.
local function entryAt(id)
  local found = redis.pcall('XRANGE', keyEvents, id, id)
  return not found.err and found[1] or nil
end
