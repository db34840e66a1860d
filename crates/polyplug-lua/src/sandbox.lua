-- Takes away what reaches outside of the script's own state.
local load, select, setmetatable, rawget, error, type = load, select, setmetatable, rawget, error, type

dofile, loadfile, require, package, warn, print = nil, nil, nil, nil, nil, nil
string.dump = nil
os = { clock = os.clock, date = os.date, difftime = os.difftime, time = os.time }

-- Bytecode can break the machine; text cannot.
function _G.load(chunk, name, mode, ...)
  if mode ~= nil and mode ~= "t" and mode ~= "bt" then
    return nil, "only text can be loaded"
  end
  if select("#", ...) == 0 then
    return load(chunk, name, "t")
  end
  return load(chunk, name, "t", (...))
end

-- A finalizer runs where no time limit can end it.
function _G.setmetatable(object, metatable)
  if type(metatable) == "table" and rawget(metatable, "__gc") ~= nil then
    error("metatables of scripts have no __gc", 2)
  end
  return setmetatable(object, metatable)
end
