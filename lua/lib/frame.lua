--- Commands, packed value by value as lib/take.lua says. src/redis/frames.ts writes them.
--- @include take
local function takeMany(count)
  local many = {}
  for index = 1, count do many[index] = take() end
  return many
end

--- A frame's first value says what it holds: the event's type, a letter for each part that is there, and the number of
-- hash fields and values. Most commands of a batch have the same.
local shapes = {}

local function readShape(text)
  local type, parts, fields = string.match(text, '^(%a)(%a*)(%d+)$')
  local function has(letter) return string.find(parts, letter, 1, true) ~= nil end
  local shape = { type = type, known = has('k'), removed = has('r'), meta = has('a'), guards = has('g'),
    move = has('m'), fields = tonumber(fields), stays = has('k') and not has('r') and not has('m') }
  shapes[text] = shape
  return shape
end

--- One command: shape, job, then, as the shape says: known (the newest event of the state that the sender holds),
-- removed, meta; data; guards: expected version, commandId, digest, number of statuses it may come from, these; a move:
-- stamp, status, userId, createdAt (ms), expiresAt (ms), '' for what stays; fields and values of the hash.
local function takeCommand()
  local text = take()
  local shape = shapes[text] or readShape(text)
  local command = { type = shape.type, stays = shape.stays, id = take(), known = shape.known and take(),
    removed = shape.removed and take() or '', meta = shape.meta and take() or '', data = take() }
  if shape.guards then
    command.hasGuards = true
    command.expected, command.commandId, command.digest = take(), take(), take()
    command.from = takeMany(tonumber(take()))
  end
  if shape.move then
    command.move = { stamp = take(), status = take(), userId = take(), createdMs = take(), expiresMs = take() }
  end
  command.fields = takeMany(shape.fields)
  return command
end
