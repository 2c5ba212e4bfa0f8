"""Starts MiniStack with what it does not yet know of AWS.

Each function below mends one difference that would hide a fault of ours or stop correct work. They reach into one release;
another may have learnt these things, or moved them. What it cannot do at all is in allowances.ts.
"""

import json
import sys
from importlib.metadata import version
from urllib.parse import unquote

import ministack.core.iam_actions as actions
import ministack.core.lambda_runtime as runtime
import ministack.services.cloudwatch as cloudwatch
import ministack.services.cloudwatch_logs as logs
import ministack.services.iam as iam
import ministack.services.kms as kms
import ministack.services.lambda_svc as functions
import ministack.services.stepfunctions as states
from ministack.app import main


def names_errors():
    """A function's error keeps its name, by which the state machine decides what to try again.

    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
    """
    message = "error: String(err.message || err)"
    assert runtime._NODEJS_WORKER_SCRIPT.count(message) == 1
    runtime._NODEJS_WORKER_SCRIPT = runtime._NODEJS_WORKER_SCRIPT.replace(
        message, "error: err.name + '\\0' + err.message"
    )
    execute = functions._execute_function_warm

    def execute_with_name(*arguments):
        result = execute(*arguments)
        text = result["body"].get("errorMessage", "") if result.get("error") else ""
        if "\0" in text:
            result["body"]["errorType"], result["body"]["errorMessage"] = text.split("\0", 1)
        elif text == "Worker process died":
            result["body"]["errorType"] = "Runtime.ExitError"
        return result

    functions._execute_function_warm = execute_with_name


def lets_calls_die():
    """The process of a call for the slice that its function's DIES_IN_SLICE names is killed, as one that needs too much memory.

    https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
    """
    begins = "const result = handlerFn(event, context, callback);"
    assert runtime._NODEJS_WORKER_SCRIPT.count(begins) == 1
    dies = """
      const { task, number } = event?.slices ?? {};
      if (task === "slice" && process.env.DIES_IN_SLICE === String(number)) process.kill(process.pid, "SIGKILL");
    """
    runtime._NODEJS_WORKER_SCRIPT = runtime._NODEJS_WORKER_SCRIPT.replace(begins, begins + dies)


def names_throttling():
    """The error that the state machine sees where Lambda has turned a call away, because too many run.

    https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
    """
    call = states._call_lambda

    def call_and_name(reference, event):
        try:
            return call(reference, event)
        except states._ExecutionError as error:
            if "TooManyRequestsException" not in error.cause:
                raise
            raise states._ExecutionError("Lambda.TooManyRequestsException", error.cause) from None

    states._call_lambda = call_and_name


def knows_conditional_writes():
    """s3:if-none-match and s3:ObjectCreationOperation, which keep the lake append-only.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    """
    context_of = actions.s3_service_context

    def context_of_write(action, query, path="", headers=None):
        context = dict(context_of(action, query, path, headers))
        if action == "s3:PutObject":
            header = {name.lower(): value for name, value in (headers or {}).items()}.get("if-none-match")
            if header is not None:
                context["s3:if-none-match"] = header
            part = "partNumber" in query or "uploads" in query
            context["s3:ObjectCreationOperation"] = "false" if part else "true"
        return context

    actions.s3_service_context = context_of_write


def knows_condition_keys():
    """iam:PermissionsBoundary, iam:PassedToService and the tags of a KMS key, which bound the role that deploys.

    https://docs.aws.amazon.com/service-authorization/latest/reference/
    """
    tags_of = actions.request_tag_context

    def context_of(service, action, body, parameters):
        context = dict(tags_of(service, action, body, parameters))
        if service == "iam":
            role = iam._roles.get(actions._query_param(parameters, "RoleName"), {})
            boundary = actions._query_param(parameters, "PermissionsBoundary") or role.get("PermissionsBoundary")
            if boundary:
                context["iam:permissionsboundary"] = boundary
        if service == "kms":
            request = json.loads(body or b"{}")
            key = kms._resolve_key(request.get("KeyId") or request.get("TargetKeyId") or "")
            for tag in (key or {}).get("Tags", []):
                context[f"aws:resourcetag/{tag['TagKey']}".lower()] = tag["TagValue"]
        return context

    actions.request_tag_context = context_of


def names_resources():
    """The resource of some requests, where a role's right names it.

    https://docs.aws.amazon.com/service-authorization/latest/reference/
    """
    resource_of = actions.extract_resource_arn

    def dashboard_of(body, parameters):
        names = json.loads(body).get("DashboardNames") if body[:1] == b"{" else None
        return names[0] if names else actions._param(body, parameters, "DashboardName", "DashboardNames.member.1")

    def resource(service, method, path, headers, body, parameters, region, account):
        if service in ("monitoring", "sns", "states"):
            if arn := actions._param(body, parameters, "ResourceArn", "ResourceARN", "resourceArn"):
                return arn
        if service == "states" and (arn := actions._safe_json_field(body, "mapRunArn")):
            return arn
        if service == "monitoring" and body[:1] == b"{" and (names := json.loads(body).get("AlarmNames")):
            return f"arn:aws:cloudwatch:{region}:{account}:alarm:{names[0]}"
        if service == "monitoring" and (name := actions._query_param(parameters, "AlarmNames.member.1")):
            return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
        if service == "monitoring" and (name := dashboard_of(body, parameters)):
            return f"arn:aws:cloudwatch::{account}:dashboard/{name}"
        if service == "scheduler":
            kind, _, name = unquote(path).lstrip("/").partition("/")
            if kind == "tags":
                return name
            if kind == "schedules" and name:
                group = actions._query_param(parameters, "groupName") or json.loads(body or b"{}").get("GroupName")
                return f"arn:aws:scheduler:{region}:{account}:schedule/{group or 'default'}/{name}"
        if service == "logs" and headers.get("x-amz-target", "").endswith(".FilterLogEvents"):
            return f"arn:aws:logs:{region}:{account}:log-group:{actions._safe_json_field(body, 'logGroupName')}:log-stream:"
        if service == "lambda" and (name := actions._safe_json_field(body, "FunctionName")):
            return f"arn:aws:lambda:{region}:{account}:function:{name}"
        if service == "kms" and (alias := actions._safe_json_field(body, "AliasName")):
            return f"arn:aws:kms:{region}:{account}:{alias}"
        return resource_of(service, method, path, headers, body, parameters, region, account)

    actions.extract_resource_arn = resource


def lists_dashboards():
    """When a dashboard was changed is a number in JSON, as all times are.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DashboardEntry.html
    """
    list_dashboards = cloudwatch._list_dashboards

    def list_with_times(parameters, request, is_cbor, is_json=False):
        if not is_json:
            return list_dashboards(parameters, request, is_cbor)
        fields = ("DashboardName", "DashboardArn", "Size", "LastModified")
        entries = [{field: each[field] for field in fields} for each in cloudwatch._dashboards.values()]
        return cloudwatch._json_ok({"DashboardEntries": entries})

    cloudwatch._list_dashboards = list_with_times


def leaves_alarms_to_people():
    """Alarms change by hand alone. It would hold each of them against what all functions have measured, one spell or more."""
    cloudwatch._evaluate_alarm = lambda alarm: None


def gives_outputs():
    """The Output of a state that ends a run well, which says what the run did.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html
    """
    output_path = states._apply_output_path

    def output_of(state, data, context=None):
        if state.get("Type") == "Succeed" and "Output" in state:
            return states._apply_jsonata_output(state, data, context)
        return output_path(state, data, context)

    states._apply_output_path = output_of


def evaluates_jsonata_of_groups():
    """The JSONata of a Parallel state and of a Distributed Map, whose fields are read as JSONPath otherwise.

    https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    """
    resolve, run_map, run_parallel = (
        states._resolve_params_obj,
        states._run_distributed_map,
        states._run_parallel_branches,
    )

    def resolved(template, data, context=None):
        if states._state_query_language({}, context) == "JSONata":
            return states._apply_jsonata_template(template, data, context)
        return resolve(template, data, context)

    def ended(state, data, context, result, following):
        if states._state_query_language(state, context) != "JSONata":
            return result, following
        output = states._apply_jsonata_output(state, data, context, result=result, default=result)
        states._apply_state_assign(state, data, context, result=result)
        return output, following

    def mapped(state, data, effective, iterator, execution, context):
        most = states._apply_jsonata_template(state.get("MaxConcurrency", 0), data, context)
        plain = {**state, "MaxConcurrency": most}
        return ended(state, data, context, *run_map(plain, data, effective, iterator, execution, context))

    def branched(state, data, execution, context):
        return ended(state, data, context, *run_parallel(state, data, execution, context))

    states._resolve_params_obj = resolved
    states._run_distributed_map = mapped
    states._run_parallel_branches = branched


def filters_by_any_term():
    """Events that have any of some terms: `?finished ?failed`.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    compile_pattern = logs._compile_filter_pattern

    def compiled(pattern):
        terms = (pattern or "").split()
        if terms and all(term.startswith("?") for term in terms):
            return lambda message: any(term[1:] in message for term in terms)
        return compile_pattern(pattern)

    logs._compile_filter_pattern = compiled


def calls_after_success():
    """The function that Lambda calls after a call that nobody waited for, and that went well.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    invoke, execute = functions.invoke_async_with_retry, functions._execute_function

    class Unattended(dict):
        pass

    def execute_and_call(function, event, *arguments):
        result = execute(function, event, *arguments)
        settings = function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST")
        destination = (((settings or {}).get("DestinationConfig") or {}).get("OnSuccess") or {}).get("Destination")
        if isinstance(event, Unattended) and destination and not result.get("error"):
            record = {"requestPayload": dict(event), "responsePayload": result.get("body")}
            functions.invoke_async_with_retry(functions._get_func_record_for_ref(destination)[0], record)
        return result

    functions._execute_function = execute_and_call
    functions.invoke_async_with_retry = lambda function, event: invoke(function, Unattended(event or {}))


release = "1.5.33"
assert version("ministack") == release, f"look through launch.py and allowances.ts, then raise {release}"
names_errors()
lets_calls_die()
names_throttling()
knows_conditional_writes()
knows_condition_keys()
names_resources()
lists_dashboards()
leaves_alarms_to_people()
gives_outputs()
evaluates_jsonata_of_groups()
filters_by_any_term()
calls_after_success()
sys.exit(main())
