--- Commands, packed value by value as lib/take.lua says. src/redis/frames.ts writes them.
--- @include take
--- @include take-row
--- A frame's first value says what it holds: the event's type, a letter for each part that is there, the number of hash
-- fields and values, and s where none of its values but the data is an argument by itself, or else l. Most commands of
-- a batch have the same.
local shapes = {}

--- Where the values of such a frame stand in its row.
local function readShape(text)
  local type, parts, fields, mark = string.match(text, '^(%a)(%a*)(%d+)(%a)$')
  local count = 1
  local function place(letter, size)
    if not string.find(parts, letter, 1, true) then return nil end
    local first = count + 1
    count = count + size
    return first
  end
  local shape = { type = type, known = place('k', 1), removed = place('r', 1), meta = place('a', 1),
    data = place('d', 1), guards = place('g', 4), move = place('m', 5) }
  shape.fields = count + 1
  shape.count = count + tonumber(fields)
  shape.isPlainCreate = type == 'c' and not shape.guards
  shape.stays = shape.known and not shape.removed and not shape.move
  shape.layout = struct and mark == 's' and shape.count <= 100 and string.rep('Bc0', shape.count)
  shapes[text] = shape
  return shape
end

--- One command's shape and its row: job, then, as the shape says: known (the newest event of the state that the sender
-- holds), removed, meta, data; guards: expected version, commandId, digest, number of statuses that it may come from; a
-- move: stamp, status, userId, createdAt (ms), expiresAt (ms), '' for what stays; fields and values of the hash. Behind
-- the row stand long data, and the statuses. Wherever the data stood, it is behind the fields of the row given.
local function takeFrame()
  local text = take()
  local shape = shapes[text] or readShape(text)
  local row = takeRow(shape.count, shape.layout)
  row[shape.count + 1] = shape.data and row[shape.data] or takeLong()
  return shape, row
end

--- What a frame says, by name; takes the statuses behind its row.
local function commandOf(shape, row)
  local command = { type = shape.type, stays = shape.stays, id = row[1], known = shape.known and row[2],
    removed = shape.removed and row[shape.removed] or '', meta = shape.meta and row[shape.meta] or '',
    data = row[shape.count + 1], row = row, first = shape.fields, last = shape.count }
  local at = shape.guards
  if at then
    command.hasGuards, command.expected, command.commandId, command.digest = true, row[at], row[at + 1], row[at + 2]
    command.from = takeRow(tonumber(row[at + 3]))
  end
  at = shape.move
  if at then
    command.move = { stamp = row[at], status = row[at + 1], userId = row[at + 2], createdMs = row[at + 3],
      expiresMs = row[at + 4] }
  end
  return command
end
