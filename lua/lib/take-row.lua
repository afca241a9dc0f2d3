--- The next values, so many, in a table.
-- @param layout  if given, what struct takes them with in one call: none of them is an argument by itself
local function takeRow(count, layout)
  if layout then
    local row = { struct.unpack(layout, frames, frameAt) }
    frameAt = row[count + 1]
    return row
  end
  local row = {}
  for index = 1, count do row[index] = take() end
  return row
end
