--- @include entry-at
--- @include stream-ids
--- A job's events by their links, newest first.
local WHOLE = { c = true, n = true, d = true, e = true }

--- Puts a job's events at a reply's end, back to one at or before a number that stands for the whole job; or so many.
-- @return how many, and the event before the last one; '' if that is not wanted
local function pushChain(reply, id, from, through, limit)
  for count = 0, limit - 1 do
    local entry = from ~= '' and entryAt(from)
    if not entry or entry[2][6] ~= id then return count, '' end
    from = pushEntry(reply, entry)
    if WHOLE[entry[2][4]] and tonumber(entry[2][2]) <= through then return count + 1, '' end
  end
  return limit, from
end

--- Where a job's events begin: at the one that its hash names, unless that is none of its own or an older one.
local function newestOf(id, inHash, inLog)
  if not isStreamId(inHash) or (inLog ~= '' and not isAfter(inHash, inLog)) then return inLog end
  local entry = entryAt(inHash)
  return entry and entry[2][6] == id and inHash or inLog
end
