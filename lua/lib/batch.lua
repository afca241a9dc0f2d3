--- A writer's batch. Its first arguments are format, writer, batch, acknowledged, least, event, renewal; see apply.lua.
--- @include store
--- @include writer
--- @include outcomes
local writer, batch = ARGV[2], tonumber(ARGV[3])
local sequenceBefore

--- @return nil, or the reply that refuses the batch or gives its first outcomes
local function beginBatch()
  local failure = openStore(ARGV[1])
  if failure then return failure end
  local tag, detail = admit(writer, batch, tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6])
  if tag then return { tag, detail } end
  sequenceBefore = sequence
  return nil
end

--- @return the outcomes, kept for when the batch comes again
local function endBatch()
  if sequence > sequenceBefore then keepSequence() end
  local lines = table.concat(outcomes)
  keepOutcomes(writer, batch, ARGV[7], lines)
  return lines
end
