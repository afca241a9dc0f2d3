--- The outcomes of a batch, in parts that make a line each: every text that a script puts together is hashed by the
-- server, so they are put together once.
local outcomes = {}

--- The outcome where something can't be read. A key's name, which it gives, may hold the end of a line, as an id may.
local function unreadable(wrong)
  return 'E ' .. string.gsub(wrong, '[\r\n]', ' ')
end

local function noteApplied(outcome, version, event)
  local at = #outcomes
  outcomes[at + 1], outcomes[at + 2] = outcome, version
  outcomes[at + 3], outcomes[at + 4], outcomes[at + 5] = ' ', event, '\n'
end
