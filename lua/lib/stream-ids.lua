--- Whether a text can name an event of the stream. find: match would make another text.
local function isStreamId(text)
  return string.find(text, '^%d+%-%d+$') ~= nil
end

--- Whether one id of the stream comes after another.
local function isAfter(left, right)
  local leftMs, leftRank = string.match(left, '^(%d+)-(%d+)$')
  local rightMs, rightRank = string.match(right, '^(%d+)-(%d+)$')
  if not leftMs or not rightMs then return leftMs ~= nil end
  if leftMs ~= rightMs then return tonumber(leftMs) > tonumber(rightMs) end
  return tonumber(leftRank) > tonumber(rightRank)
end
