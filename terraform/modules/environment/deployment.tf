# What continuous deployment may do: push images into this registry, and change what is in one namespace of this cluster.
# CircleCI proves by a token for each job who it is, so that no key of AWS is kept there.
locals {
  circleci = var.circleci == null ? {} : { this = var.circleci }
}

resource "aws_iam_openid_connect_provider" "circleci" {
  for_each       = local.circleci
  url            = "https://oidc.circleci.com/org/${each.value.organization_id}"
  client_id_list = [each.value.organization_id]
}

resource "aws_iam_role" "deploy" {
  for_each             = local.circleci
  name                 = "${local.name}-deploy"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.circleci[each.key].arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "oidc.circleci.com/org/${each.value.organization_id}:aud" = each.value.organization_id
        }
        StringLike = {
          # A user's id has 36 characters. A * there would match whatever a branch is named, too.
          "oidc.circleci.com/org/${each.value.organization_id}:sub" = join("/", [
            "org", each.value.organization_id, "project", each.value.project_id,
            "user", "????????-????-????-????-????????????",
            "vcs-origin", each.value.repository, "vcs-ref", var.deploy_ref,
          ])
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  for_each = local.circleci
  name     = "deploy"
  role     = aws_iam_role.deploy[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken" # knows no resource
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImages",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = aws_ecr_repository.this.arn
      },
      {
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = aws_eks_cluster.this.arn
      },
    ]
  })
}

resource "aws_eks_access_entry" "deploy" {
  for_each      = local.circleci
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_iam_role.deploy[each.key].arn
}

resource "aws_eks_access_policy_association" "deploy" {
  for_each      = local.circleci
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.deploy[each.key].principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
  access_scope {
    type       = "namespace"
    namespaces = ["temperature-service"]
  }
}
