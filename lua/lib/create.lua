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
