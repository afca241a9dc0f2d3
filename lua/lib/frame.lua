--- Commands come as frames of ARGV, one after the other.
local frameAt = 0

local function take()
  frameAt = frameAt + 1
  return ARGV[frameAt]
end

local function takeMany(count)
  local many = {}
  for index = 1, count do many[index] = ARGV[frameAt + index] end
  frameAt = frameAt + count
  return many
end

--- One command: kind (c, s or d, then g if guards and m if a move follow), job, known (the newest event of the state
-- that the sender holds; '' if it wants none), type, removed, meta, data; guards: expected version, commandId, digest,
-- number of statuses it may come from, these; a move: stamp, status, userId, createdAt (ms), expiresAt (ms); the number
-- of hash fields and values, these. '' stands for none.
local function takeCommand()
  local kind = take()
  local command = { kind = string.sub(kind, 1, 1), id = take(), known = take(), type = take() }
  command.removed, command.meta, command.data = take(), take(), take()
  if string.find(kind, 'g', 2, true) then
    command.hasGuards = true
    command.expected, command.commandId, command.digest = take(), take(), take()
    command.from = takeMany(tonumber(take()))
  end
  if string.find(kind, 'm', 2, true) then
    command.move = { stamp = take(), status = take(), userId = take(), createdMs = take(), expiresMs = take() }
  end
  command.fields = takeMany(tonumber(take()))
  return command
end
