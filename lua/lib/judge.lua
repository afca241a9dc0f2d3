--- @include outcomes
--- @include taken-out
--- Whether a command with guards has been applied before: its outcome then, else nil. A torn transaction may leave that
-- it was applied, and no event.
local function repeated(command)
  if command.commandId == '' then return nil end
  local seen = redis.pcall('GET', keyOfCommand(command.id, command.commandId))
  if not seen then return nil end
  if type(seen) == 'table' then return unreadable(seen.err) end
  local digest, version, event = string.match(seen, '^(%S*) (%d+) ?([%d-]*)$')
  if digest and isTakenOut(event) then return nil end
  return digest == command.digest and 'R ' .. version or 'U'
end

local function remember(command, job)
  if command.commandId == '' then return end
  local seen = command.digest .. ' ' .. job.version .. ' ' .. job.event
  redis.call('SET', keyOfCommand(command.id, command.commandId), seen, 'PX', 86400000)
end

--- Whether the job lets the command be: the outcome that refuses it, else nil.
-- @param version the job's, counting an expiry that is to come first
local function refused(command, job, version)
  local isLive = job.status and not job.isDue
  if command.type == 'c' then
    if isLive then return 'X' end
  elseif not isLive then
    return 'N'
  end
  if not command.hasGuards then return nil end
  if command.expected ~= '' and tonumber(command.expected) ~= version then return 'V ' .. version end
  if #command.from == 0 then return nil end
  for _, status in ipairs(command.from) do
    if status == job.status then return nil end
  end
  -- A status may be any text: written so that it is one line, and src/redis/outcomes.ts reads it back.
  return 'F ' .. string.gsub(job.status, '[%%\n]', { ['%'] = '%25', ['\n'] = '%0A' })
end
