--- The outcomes of a batch, in parts that make a line each: every text that a script puts together is hashed by the
-- server, so they are put together once.
local outcomes = {}

local function noteApplied(outcome, version, event)
  local at = #outcomes
  outcomes[at + 1], outcomes[at + 2] = outcome, version
  outcomes[at + 3], outcomes[at + 4], outcomes[at + 5] = ' ', event, '\n'
end
