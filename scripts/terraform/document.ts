import { join } from 'node:path';
import { readConfiguration, type Configuration, type Variable } from './configuration.ts';

const roots = [
  { folder: 'terraform', title: 'The pipeline' },
  { folder: 'terraform/bootstrap', title: 'Bootstrap' },
];

/** The inputs, outputs and resources of both configurations, as lines of Markdown; `project` is the project's folder. */
export async function terraformDocument(project: string): Promise<string[]> {
  const lines: string[] = [];
  for (const { folder, title } of roots) {
    const configuration = await readConfiguration(join(project, folder));
    lines.push(`## ${title}`, '', `The configuration in \`${folder}\`.`, '');
    lines.push(...inputs(configuration.variables), ...refusals(configuration.variables));
    lines.push(...outputs(configuration), ...resources(configuration));
  }
  return lines;
}

function inputs(variables: readonly Variable[]): string[] {
  const required = variables.filter((variable) => variable.default === undefined);
  const optional = variables.filter((variable) => variable.default !== undefined);
  return [
    '### Inputs',
    '',
    '| input | type | default | what it is |',
    '| --- | --- | --- | --- |',
    ...[...required, ...optional].map(
      (variable) =>
        `| \`${variable.name}\` | ${code(type(variable))} | ${defaultOf(variable)} | ${cell(variable.description)}` +
        `${variable.ephemeral ? ' Kept in no state and no plan.' : ''} |`,
    ),
    '',
  ];
}

function defaultOf(variable: Variable): string {
  return variable.default === undefined ? '**must be given**' : code(JSON.stringify(variable.default));
}

/** The type on one line, so a comma between two attributes where a line ended. */
function type(variable: Variable): string {
  return (variable.type ?? 'any').replace(/(?<=[\w)]) (?=\w+ = )/g, ', ');
}

function refusals(variables: readonly Variable[]): string[] {
  const refused = variables.filter((variable) => variable.refusals.length > 0);
  return [
    '### What is refused',
    '',
    'At plan, before anything is made; `…` stands for what was given.',
    '',
    '| input | what Terraform says |',
    '| --- | --- |',
    ...refused.map(({ name, refusals }) => `| \`${name}\` | ${refusals.map(withoutValues).map(cell).join('<br>')} |`),
    '',
  ];
}

/** A message without the expressions that Terraform fills in; they may hold one pair of braces within. */
function withoutValues(message: string): string {
  return message.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…');
}

function outputs({ outputs }: Configuration): string[] {
  return [
    '### Outputs',
    '',
    '| output | what it is |',
    '| --- | --- |',
    ...outputs.map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`),
    '',
  ];
}

function resources({ resources }: Configuration): string[] {
  return [
    '### Files',
    '',
    '| file | what it declares |',
    '| --- | --- |',
    ...[...resources]
      .filter(([, addresses]) => addresses.length > 0)
      .map(([file, addresses]) => `| \`${file}\` | ${addresses.map(code).join(', ')} |`),
    '',
  ];
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
