# The state machine: its order, what it tries again, and what it does when a stage fails.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "definition" {
  command = plan

  assert {
    condition = {
      for name, state in jsondecode(aws_sfn_state_machine.pipeline[0].definition).States :
      name => try(state.Next, state.Default, state.Type)
      } == {
      "Ingest"              = "Large"
      "Large"               = "Something new"
      "Read slices"         = "Slices read"
      "Slices read"         = "Alert"
      "Look again"          = "Ingest"
      "Something new"       = "Check warehouse"
      "Check warehouse"     = "Warehouse level"
      "Warehouse level"     = "Transform"
      "Transform"           = "Large version"
      "Large version"       = "Rows set aside"
      "Transform slices"    = "Commit transformed"
      "Commit transformed"  = "Large version"
      "Rows set aside"      = "Load"
      "Alert of quarantine" = "Load"
      "Load"                = "Report"
      "Report"              = "Done"
      "Alert of report"     = "Done"
      "Done"                = "Succeed"
      "Alert"               = "Failed"
      "Failed"              = "Fail"
    } && jsondecode(aws_sfn_state_machine.pipeline[0].definition).StartAt == "Ingest"
    error_message = "The states must follow one another as designed."
  }

  assert {
    condition = {
      for name, state in jsondecode(aws_sfn_state_machine.pipeline[0].definition).States :
      name => [for choice in state.Choices : "${choice.Condition} ${choice.Next}"] if state.Type == "Choice"
      } == {
      "Large" = ["{% $exists($ingested.folder) %} Read slices"]
      "Slices read" = [
        "{% $not($exists($ingested.folder)) %} Something new",
        "{% $failure.Error in ['SnapshotLost', 'SourceUnavailable', 'LakeUnavailable', 'SecretUnavailable', 'CommitConflict', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException', 'Lambda.ClientExecutionTimeoutException'] %} Look again",
      ]
      "Something new"   = ["{% $ingested.committed %} Transform"]
      "Large version"   = ["{% $exists($transformed.folder) %} Transform slices"]
      "Warehouse level" = ["{% $loaded.version >= $ingested.version %} Report"]
      "Rows set aside"  = ["{% $transformed.quarantined > 0 %} Alert of quarantine"]
    }
    error_message = "Transform and load may be left out only where the source has nothing new and the warehouse holds all of it."
  }

  assert {
    condition = {
      for name, state in jsondecode(aws_sfn_state_machine.pipeline[0].definition).States :
      name => state.Arguments.FunctionName if try(state.Resource, "") == "arn:aws:states:::lambda:invoke"
      } == {
      "Ingest"             = module.ingest.function_arn
      "Check warehouse"    = module.load.function_arn
      "Transform"          = module.transform.function_arn
      "Commit transformed" = module.transform.function_arn
      "Load"               = module.load.function_arn
      "Report"             = module.report.function_arn
    }
    error_message = "Each state must call its stage."
  }

  assert {
    condition = alltrue([
      for state in values(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States) :
      state.Arguments.Payload.run == "{% $states.context.Execution.Name %}" && state.TimeoutSeconds == 930
      if try(state.Resource, "") == "arn:aws:states:::lambda:invoke"
    ])
    error_message = "A stage must be told the run, and be given the 15 minutes that Lambda allows it and no more."
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.pipeline[0].definition).TimeoutSeconds == 7200
    error_message = "A run must end."
  }

  assert {
    condition     = aws_sfn_state_machine.pipeline[0].type == "STANDARD" && aws_sfn_state_machine.pipeline[0].role_arn == aws_iam_role.pipeline[0].arn
    error_message = "The state machine must keep its history and have its own role."
  }

  # errors.ts says which errors are transient; a new one must be tried again here too.
  # The function of the rates has a clock of its own. A snapshot that is lost is no matter of one call: all is looked at again.
  assert {
    condition = alltrue([
      for name, state in jsondecode(aws_sfn_state_machine.pipeline[0].definition).States :
      toset(flatten(state.Retry[*].ErrorEquals)) == setunion(
        toset([
          for class in regexall("name = '(\\w+)';\\s+override readonly transient = (true|false)", file("../packages/core/src/errors.ts")) :
          class[0] if class[1] == "true" && !contains(["RatesUnavailable", "SnapshotLost"], class[0])
        ]),
        toset([
          "Lambda.ServiceException",
          "Lambda.AWSLambdaException",
          "Lambda.SdkClientException",
          "Lambda.TooManyRequestsException",
          "Lambda.ClientExecutionTimeoutException",
        ]),
      ) if try(state.Resource, "") == "arn:aws:states:::lambda:invoke"
    ])
    error_message = "A stage must be tried again after each transient error, and after no other."
  }

  assert {
    condition     = contains(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Ingest"].Retry[0].ErrorEquals, "SourceUnavailable")
    error_message = "The comparison above must find the transient errors in errors.ts."
  }

  assert {
    condition = alltrue([
      for state in values(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States) : alltrue([
        for retry in state.Retry : retry.BackoffRate == 2 && retry.JitterStrategy == "FULL" && retry.MaxDelaySeconds == 60 && retry.MaxAttempts == 6
      ]) if try(state.Resource, "") == "arn:aws:states:::lambda:invoke"
    ])
    error_message = "Retries must back off, with jitter, up to a minute."
  }

  assert {
    condition = {
      for name, state in jsondecode(aws_sfn_state_machine.pipeline[0].definition).States :
      name => [for catch in state.Catch : "${join(" ", catch.ErrorEquals)} ${try(catch.Assign.stage, "")} ${catch.Next}"] if state.Type == "Task"
      } == {
      "Ingest"              = ["States.ALL ingest Alert"]
      "Check warehouse"     = ["States.ALL load Alert"]
      "Transform"           = ["States.ALL transform Alert"]
      "Commit transformed"  = ["States.ALL transform Alert"]
      "Alert of quarantine" = ["States.ALL transform Alert"]
      "Load"                = ["States.ALL load Alert"]
      "Report"              = ["States.ALL report Alert of report"]
      "Alert of report"     = ["States.ALL report Alert"]
      "Alert"               = ["States.ALL  Failed"]
    }
    error_message = "Every failure must lead to the alert, with the stage's name."
  }

  assert {
    condition = alltrue([
      for name in ["Alert", "Alert of quarantine", "Alert of report"] :
      jsondecode(aws_sfn_state_machine.pipeline[0].definition).States[name].Resource == "arn:aws:states:::sns:publish"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States[name].Arguments.TopicArn == aws_sns_topic.alerts.arn
    ])
    error_message = "Alerts must go to the topic."
  }

  assert {
    condition = alltrue([
      for name in ["Alert", "Alert of quarantine", "Alert of report"] :
      one(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States[name].Retry).ErrorEquals == ["States.TaskFailed"]
    ])
    error_message = "An alert that could not be sent must be sent again."
  }

  assert {
    condition = alltrue([
      for part in [
        "$stage",
        "$states.context.Execution.Name",
        "$failure.Error",
        "$failure.Cause",
        "https://eu-west-2.console.aws.amazon.com/states/home?region=eu-west-2#/v2/executions/details/' & $states.context.Execution.Id",
        "https://eu-west-2.console.aws.amazon.com/cloudwatch/home?region=eu-west-2#logsV2:log-groups/log-group/$252Faws$252Flambda$252Ftotes-' & $stage",
        "docs/runbook.md#run-failed",
      ] : strcontains(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Alert"].Arguments.Message, part)
    ])
    error_message = "The alert must name the stage, the run, the error, its cause, and link to the execution and the log."
  }

  # A page that could not be written is told of, and is no failure of the run: the rows are in the warehouse.
  assert {
    condition = alltrue([
      for part in ["page shows an earlier state", "$states.context.Execution.Name", "$failure.Error", "$failure.Cause", "Flambda$252Ftotes-report", "docs/runbook.md#mend-the-report"] :
      strcontains(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Alert of report"].Arguments.Message, part)
    ])
    error_message = "The alert of the report must say what is old, and name the run, the error and its cause."
  }

  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Done"].Output.report == "{% $reported %}"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Report"].Assign.reported == "{% $states.result.Payload %}"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Report"].Catch[0].Assign.reported == "{% $states.errorOutput %}"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Ingest"].Assign.transformed == null
    )
    error_message = "A run must say at its end what became of the report, and whether anything was transformed."
  }
}

# How a large look goes: its states are within those of the run.
run "slices" {
  command = plan

  variables {
    slice_connections = 5
  }

  assert {
    condition = [
      for branch in jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches :
      { for name, state in branch.States : name => try(state.Next, state.Type) }
      ] == [
      { "Hold snapshot" = "Snapshot released", "Snapshot released" = "Succeed" },
      { "Await plan" = "Slices", "Slices" = "Commit", "Commit" = "Slices ended", "Give up" = "Slices ended", "Slices ended" = "Succeed" },
    ]
    error_message = "One branch must keep the snapshot while the other plans, reads and commits the slices."
  }

  assert {
    condition = [
      for name in ["Await plan", "Slices", "Commit", "Give up"] :
      one(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States[name].Catch).Next
    ] == ["Give up", "Give up", "Give up", "Slices ended"]
    error_message = "Whatever fails must release the snapshot, and no branch may fail."
  }

  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Slices"].MaxConcurrency == "{% 5 %}"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Slices"].ItemReader.Arguments.Bucket == "ingestion"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Slices"].ItemProcessor.ProcessorConfig == { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }
    )
    error_message = "Slices must be read by as many functions at once as the source has connections for, from the list in the lake."
  }

  # A slice is tried again as a stage is, and so are the calls around it; keeping the snapshot cannot be.
  assert {
    condition = alltrue([
      for state in [
        jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Await plan"],
        jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Slices"].ItemProcessor.States["Slice"],
        jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Commit"],
        jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Give up"],
      ] : state.Retry == jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Ingest"].Retry
    ]) && !contains(keys(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[0].States["Hold snapshot"]), "Retry")
    error_message = "A slice must be tried again after each transient error, and the snapshot be kept by one call."
  }

  assert {
    condition = alltrue([
      for state in concat(
        values(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[0].States),
        values(jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States),
      ) : state.Arguments.FunctionName == module.ingest.function_arn && state.TimeoutSeconds == 930 if state.Type == "Task"
    ])
    error_message = "Slices must be planned, read and committed by ingest."
  }

  assert {
    condition     = module.ingest.environment.SLICE_BLOCKS == "16384"
    error_message = "A slice must have 128 MB unless told otherwise."
  }
}

run "slices_within_the_reserved_concurrency" {
  command = plan

  variables {
    reserved_concurrency = 6
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Read slices"].Branches[1].States["Slices"].MaxConcurrency == "{% 4 %}"
    error_message = "One function keeps the snapshot, and one may be asked for something else."
  }
}

run "no_slices" {
  command = plan

  variables {
    reserved_concurrency = 2
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Ingest"].Arguments.Payload.fanOut == "{% 0 > 0 and ($exists($states.input.looks) ? $states.input.looks < 2 : true) %}"
    error_message = "Where functions may not run beside one another, one must read all."
  }
}

run "transform_slices" {
  command = plan

  variables {
    transform_slices = 5
  }

  assert {
    condition = alltrue([
      for map in [jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform slices"]] :
      map.MaxConcurrency == "{% 5 %}"
      && map.ItemReader.Arguments == { Bucket = "processed", Key = "{% $transformed.items %}" }
      && map.ItemSelector.slices == { task = "slice", folder = "{% $transformed.folder %}", number = "{% $states.context.Map.Item.Value %}" }
      && map.ItemProcessor.ProcessorConfig == { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }
    ])
    error_message = "Slices of facts must be transformed by as many functions at once as the setting says, from the list in the lake."
  }

  # What the calls for slices have left, the call that commits does, as much as one function does by itself.
  assert {
    condition = alltrue([
      for map in [jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform slices"]] :
      one(map.Catch) == { ErrorEquals = ["States.ALL"], Next = "Commit transformed" } && map.ToleratedFailureCount == 8
    ])
    error_message = "Slices that cannot be transformed must lead to the commit, and a few of them stop no other."
  }

  assert {
    condition = alltrue([
      for slice in [jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform slices"].ItemProcessor.States["Transform slice"]] :
      slice.Retry == jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform"].Retry
      && slice.Arguments == { FunctionName = module.transform.function_arn, Payload = "{% $states.input %}" }
      && slice.TimeoutSeconds == 930
    ])
    error_message = "A slice must be transformed by transform, and tried again after each transient error."
  }

  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform"].Arguments.Payload.fanOut == "{% 5 > 0 %}"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Commit transformed"].Arguments.Payload.fanOut == "{% 5 > 0 %}"
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Commit transformed"].Assign == jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform"].Assign
      && jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Commit transformed"].Arguments.Payload.slices == { task = "commit", folder = "{% $transformed.folder %}" }
    )
    error_message = "The call that commits must be told the folder, and that it may leave the next large version."
  }
}

run "transform_slices_within_the_reserved_concurrency" {
  command = plan

  variables {
    reserved_concurrency = 1
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.pipeline[0].definition).States["Transform"].Arguments.Payload.fanOut == "{% 0 > 0 %}"
    error_message = "Where functions may not run beside one another, one must transform all."
  }
}
