--- Whether a text, which may be missing, is a whole number that Lua can count on from.
local function isCount(text)
  return text and #text <= 15 and string.match(text, '^%d+$')
end
