--- @include outcomes
--- @include set-most
--- Creates a job; one of the same id whose time has come ends first. The move says its user, status and times; the
-- fields hold the times too, as text.
-- @return the outcome's tag and a space, or nil and what is wrong
local function createJob(command, job)
  local move = command.move
  local wrong = checkPlaces(move.userId, move.status) or (job.isDue and checkPlaces(job.userId, job.status))
  if wrong then return nil, wrong end
  if job.isDue then endJob(job, 'e', '') end
  append(job, command.type, move.userId, '', command.meta, command.data)
  writeFields(job, move, command.row, command.first, command.last)
  enter(job.id, move.userId, move.status, move.createdMs, move.expiresMs)
  return 'A '
end

--- Most creates: without guards, of an id that was never used. The same without a table for the command or the job.
-- @return the outcome if it was not applied; an applied one notes its own
local function createNew(shape, row)
  local id, move, first, last = row[1], shape.move, shape.fields, shape.count
  local status, userId = row[move + 1], row[move + 2]
  local wrong = checkPlaces(userId, status)
  if wrong then return unreadable(wrong) end
  local meta = shape.meta and row[shape.meta] or ''
  local event = appendEvent(shape.type, id, userId, '1', '', '', meta, row[last + 1])
  -- A new job refers to its event by '@base' or not at all, and removes nothing.
  if row[first] == '@base' then row[first + 1] = '\193' .. event end
  local key = keyOfJob(id)
  first = setMost(key, row, first, last)
  redis.call('HSET', key, '@version', '1', '@event', event, 'status', status, 'userId', userId,
    unpack(row, first, last))
  enter(id, userId, status, row[move + 3], row[move + 4])
  noteApplied('A ', '1', event)
  return nil
end
