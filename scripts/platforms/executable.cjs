/**
 * Loaded first under an emulator: the program that Node takes itself for is no file that can be
 * started here, a script that starts the emulator with it is. And what is preloaded into that
 * program is for no other.
 */
process.execPath = process.env.PLATFORM_EXECUTABLE;
delete process.env.LD_PRELOAD;
