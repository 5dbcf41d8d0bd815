/**
 * Loaded first under an emulator: the program that Node takes itself for is no file that can be
 * started here, a script that starts the emulator with it is.
 */
process.execPath = process.env.PLATFORM_EXECUTABLE;
