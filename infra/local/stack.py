"""What the local stack asks of the emulated AWS, beside the deployment itself.

    stack.py prepare '{"stack", "origins", "secrets", "users"}'
        repairs CORS, puts the secrets in, signs the users in; prints outputs and tokens
    stack.py sign-in '{"stack", "users"}'
        prints tokens
    stack.py forge '{"token", "claims"}'
        prints the token with other claims, signed with the pool's own key
    stack.py logs '{"function"}'
        prints what a function has logged
    stack.py invoke '{"function", "event"}'
        runs a function; prints what it answers, or null and its complaint

Every answer is one line of JSON. Address and keys come from the usual AWS variables.
"""

import base64
import json
import os
import sys
from pathlib import Path

import boto3
from botocore.config import Config

LIMITS = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 2})


def client(service):
    return boto3.client(service, config=LIMITS)


def outputs(stack):
    found = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def allow_origins(api_id, origins):
    """The emulator's CloudFormation stores CORS in a spelling its gateway does not read."""
    client("apigatewayv2").update_api(
        ApiId=api_id,
        CorsConfiguration={
            "AllowOrigins": origins,
            "AllowMethods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
            "AllowHeaders": ["Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
            "ExposeHeaders": ["ETag", "Location", "Retry-After"],
            "MaxAge": 600,
        },
    )


def put_secrets(secrets):
    manager = client("secretsmanager")
    for name, value in secrets.items():
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(value))


def sign_in(found, users):
    """Creates each user, unless there, and gives their ID tokens by e-mail address."""
    cognito = client("cognito-idp")
    pool, app = found["UserPoolId"], found["UserPoolClientId"]
    tokens = {}
    for user in users:
        email, password = user["email"], user["password"]
        attributes = {"email": email, "email_verified": "true"}
        for name in ("organization_id", "business_id"):
            if user.get(name):
                attributes[f"custom:{name}"] = user[name]
        pairs = [{"Name": name, "Value": value} for name, value in attributes.items()]
        try:
            cognito.admin_create_user(
                UserPoolId=pool, Username=email, UserAttributes=pairs, MessageAction="SUPPRESS"
            )
        except cognito.exceptions.UsernameExistsException:
            pass  # signed in again
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=password, Permanent=True
        )
        for group in user.get("groups", []):
            try:
                cognito.create_group(UserPoolId=pool, GroupName=group)
            except cognito.exceptions.GroupExistsException:
                pass
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        answer = cognito.initiate_auth(
            ClientId=app,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        tokens[email] = answer["AuthenticationResult"]["IdToken"]
    return tokens


def forge(token, claims):
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    head, body, _ = token.split(".")
    body = json.loads(base64.urlsafe_b64decode(body + "=="))
    pool = body["iss"].rsplit("/", 1)[1]
    pem = Path(os.environ["STATE_DIR"], "cognito-pool-keys", f"{pool}-id.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    message = f"{head}.{encode(json.dumps({**body, **claims}).encode())}"
    signature = key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{encode(signature)}"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def logs(function):
    pages = client("logs").get_paginator("filter_log_events")
    group = f"/aws/lambda/{function}"
    return [one["message"] for page in pages.paginate(logGroupName=group) for one in page["events"]]


def invoke(function, event):
    answer = client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    text = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        return {"answer": None, "error": text or answer["FunctionError"]}
    return {"answer": json.loads(text or "null"), "error": None}


def main():
    command, ask = sys.argv[1], json.loads(sys.argv[2])
    if command == "prepare":
        found = outputs(ask["stack"])
        allow_origins(found["ApiId"], ask["origins"])
        put_secrets(ask["secrets"])
        answer = {"outputs": found, "tokens": sign_in(found, ask["users"])}
    elif command == "sign-in":
        answer = sign_in(outputs(ask["stack"]), ask["users"])
    elif command == "forge":
        answer = forge(ask["token"], ask["claims"])
    elif command == "logs":
        answer = logs(ask["function"])
    elif command == "invoke":
        answer = invoke(ask["function"], ask["event"])
    else:
        sys.exit(f"unknown command {command}")
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
