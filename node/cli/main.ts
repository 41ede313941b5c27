#!/usr/bin/env node
/** The command line: `infernode COMMAND`. Commands load what they need when they run, so that help and version come at once. */
import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { addChainCommand } from './commands/chain.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDeployCommand } from './commands/deploy.ts'
import { addGovernCommand } from './commands/govern.ts'
import { addImportCommand } from './commands/import.ts'
import { addInitCommand } from './commands/init.ts'
import { addInspectCommand } from './commands/inspect.ts'
import { addNodeCommand } from './commands/node.ts'
import { addQuantizeCommand } from './commands/quantize.ts'
import { addRecordCommand } from './commands/record.ts'
import { addRunCommand } from './commands/run.ts'
import { addStampCommand } from './commands/stamp.ts'
import { reportError, UsageError } from './errors.ts'
import { type Io, processIo } from './io.ts'

/** In the order in which help lists them. */
const commands: readonly ((program: Command, io: Io) => void)[] = [
  addDemoCommand,
  addImportCommand,
  addQuantizeCommand,
  addInspectCommand,
  addRunCommand,
  addDeployCommand,
  addRecordCommand,
  addGovernCommand,
  addNodeCommand,
  addChainCommand,
  addInitCommand,
  addStampCommand,
]

/** Runs one command line; the result is the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const program = new Command('infernode')
    .description('Neural networks as deterministic integer WebAssembly, called from Solidity on a local chain.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help for a command')
    .option('--debug', 'print the stack of an error')
    .configureHelp({ sortOptions: false, showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // Errors are printed once, below.
      outputError: () => {},
    })
    .showSuggestionAfterError(true)
    .exitOverride()
  for (const add of commands) add(program, io)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      // Without a command commander prints the help and says no more.
      if (error.code === 'commander.help') return 1
      reportError(new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' ')), io, false)
      return 1
    }
    reportError(error, io, program.opts().debug === true || args.includes('--debug'))
    return 1
  }
}

if (import.meta.main) process.exit(await runCli(process.argv.slice(2), processIo(process)))
