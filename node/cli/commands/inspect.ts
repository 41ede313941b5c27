import type { Command } from 'commander'
import type { Io } from '../io.ts'

export function addInspectCommand(program: Command, io: Io): void {
  program
    .command('inspect')
    .description("show a model artifact's layers, their work and the gas of a run")
    .argument('<model.infer>', 'model artifact, as infernode import writes it')
    .option('--json', 'print JSON')
    .action(async (path: string, options: { json?: boolean }) => {
      const { inspectArtifact, reportText } = await import('../inspect-report.ts')
      const report = inspectArtifact(path)
      io.out(options.json ? JSON.stringify(report, undefined, 2) : reportText(report, io.colors))
    })
}
