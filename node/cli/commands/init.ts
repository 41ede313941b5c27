import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'

interface InitFlags {
  template: 'hardhat' | 'viem' | 'foundry'
  package?: string
  json?: boolean
}

// Written out: their own file would load the importer with it.
const templates = ['hardhat', 'viem', 'foundry'] as const

export function addInitCommand(program: Command, io: Io): void {
  program
    .command('init')
    .description('write a small project with a contract that calls a model, the model, and a test')
    .argument('<folder>', 'new folder to write it into')
    .addOption(new Option('-t, --template <tool>', 'tool to write it for').choices(templates).default('hardhat'))
    .option('--package <spec>', 'what package.json is to ask for as infernode (default: this version, or this checkout as a file)')
    .option('--json', 'print JSON')
    .action(async (folder: string, { template, package: packageSpec, json }: InitFlags) => {
      const { initProject } = await import('../init.ts')
      const { files, next } = await initProject({ folder, template, packageSpec })
      if (json) return io.out(JSON.stringify({ folder, template, files, next }, undefined, 2))
      for (const file of files) io.out(`  ${file}`)
      io.out(`\n${io.colors.bold('Next:')}`)
      for (const command of [`cd ${folder}`, ...next]) io.out(`  ${command}`)
    })
}
