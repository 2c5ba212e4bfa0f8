import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration, type Configuration } from './configuration.ts';

const terraform = join(import.meta.dirname, '../../terraform');

describe('reading', () => {
  async function read(file: string): Promise<Configuration> {
    const folder = await mkdtemp(join(tmpdir(), 'configuration-'));
    try {
      await writeFile(join(folder, 'main.tf'), file);
      return await readConfiguration(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('finds what an input says of itself', async () => {
    const { variables } = await read(`
      variable "size" {
        description = <<-EOT
          In GB, on
          two lines.
        EOT
        type = object({
          least = optional(number, 20)
        })
        default = { least = 30 }

        validation {
          condition     = var.size.least > 0
          error_message = "size.least must be above 0, not \${var.size.least}."
        }
      }

      variable "password" {
        ephemeral = true
      }
    `);
    expect(variables).toEqual([
      { name: 'password', description: '', type: undefined, default: undefined, ephemeral: true, refusals: [] },
      {
        name: 'size',
        description: 'In GB, on two lines.',
        type: 'object({ least = optional(number, 20) })',
        default: { least: 30 },
        ephemeral: false,
        refusals: ['size.least must be above 0, not ${var.size.least}.'],
      },
    ]);
  });

  it('finds outputs, and what each file declares', async () => {
    const { outputs, resources } = await read(`
      data "aws_region" "current" {}
      resource "aws_s3_bucket" "lake" {}
      module "ingest" { source = "./stage" }
      output "bucket" {
        description = "The lake."
        value       = aws_s3_bucket.lake.id
      }
    `);
    expect(outputs).toEqual([{ name: 'bucket', description: 'The lake.' }]);
    expect(resources.get('main.tf')).toEqual(['module.ingest', 'aws_s3_bucket.lake', 'data.aws_region.current']);
  });

  it('finds one block by its labels, and refuses to guess', async () => {
    const { block } = await read('module "ingest" {\n memory = var.memory\n}');
    expect(block('module', 'ingest')).toEqual({ memory: '${var.memory}' });
    expect(() => block('module', 'load')).toThrow('has 0 blocks `module load`, not one: mend the labels');
  });

  it('names the place of what is no HCL', async () => {
    await expect(read('variable "size" {')).rejects.toThrow('main.tf:1,17-18: Unclosed configuration block');
  });
});

describe.each(['', 'bootstrap', 'modules/stage'])('terraform/%s', (folder) => {
  it('describes every input and output, and types every input', async () => {
    const { variables, outputs } = await readConfiguration(join(terraform, folder));
    expect(outputs).not.toHaveLength(0);
    expect(variables).not.toHaveLength(0);
    for (const each of [...variables, ...outputs])
      expect([each.name, each.description]).toEqual([each.name, expect.stringMatching(/\.$/)]);
    for (const { name, type } of variables) expect([name, type]).toEqual([name, expect.stringMatching(/./)]);
  });
});

// A stage gets what the pipeline's own inputs have passed.
describe.each(['', 'bootstrap'])('terraform/%s', (folder) => {
  it('validates every input that could be wrong, in words that name it', async () => {
    const { variables } = await readConfiguration(join(terraform, folder));
    const unchecked = variables.filter(({ refusals }) => refusals.length === 0);
    // Of these, either value is right.
    expect(unchecked.filter(({ type }) => type !== 'bool').map(({ name }) => name)).toEqual([]);
    for (const { name, refusals } of variables) {
      for (const refusal of refusals) expect(refusal).toContain(name);
    }
  });

  it('needs AWS alone, in versions that keep passwords out of state', async () => {
    const { block } = await readConfiguration(join(terraform, folder));
    expect(block('terraform', 'required_providers')).toEqual({ aws: { source: 'hashicorp/aws', version: '~> 5.100' } });
  });
});

describe('what no plan shows', () => {
  it('keeps the values of passwords nowhere', async () => {
    const { variables } = await readConfiguration(terraform);
    expect(variables.filter(({ ephemeral }) => ephemeral).map(({ name }) => name)).toEqual([
      'source_database_url',
      'warehouse_database_url',
      'warehouse_rds_password',
      'warehouse_redshift_password',
    ]);
  });

  // Write-only attributes read as null in a plan, whatever is written.
  it('writes each password where it belongs', async () => {
    const { block } = await readConfiguration(terraform);
    const secret = (database: string): unknown =>
      block('resource', 'aws_secretsmanager_secret_version', database).secret_string_wo;
    expect(secret('source')).toBe('${var.source_database_url}');
    expect(secret('warehouse')).toBe(
      '${var.warehouse_redshift != null ? local.redshift_secret : var.warehouse_rds == null ? var.warehouse_database_url : local.rds_secret}',
    );
    expect(block('resource', 'aws_redshiftserverless_namespace', 'warehouse').admin_user_password_wo).toBe(
      '${var.warehouse_redshift_password}',
    );
    expect(block('resource', 'aws_db_instance', 'warehouse').password_wo).toBe('${var.warehouse_rds_password}');
  });

  it('keeps the state in S3, encrypted, with the lock beside it', async () => {
    const { block } = await readConfiguration(terraform);
    expect(block('terraform', 'backend', 's3')).toEqual({
      key: 'warehouse.tfstate',
      encrypt: true,
      use_lockfile: true,
    });
  });

  it('tags everything with the name by which the deploying role is let', async () => {
    const tags = async (folder: string): Promise<unknown> =>
      (await readConfiguration(folder)).block('provider', 'aws', 'default_tags').tags;
    expect(await tags(terraform)).toBe('${merge(var.tags, { project = var.name })}');
    expect(await tags(join(terraform, 'bootstrap'))).toEqual({ project: '${var.name}' });
  });

  it.each(['ingest', 'transform', 'load', 'verify', 'replay', 'report'])('hands %s its settings', async (stage) => {
    const { block } = await readConfiguration(terraform);
    expect(block('module', stage)).toMatchObject({
      memory_mb: `\${var.memory_mb.${stage}}`,
      settings: '${local.stage_settings}',
      code: `\${local.code["${stage}"]}`,
    });
  });
});
