# For `terraform validate` and `terraform test` alone, which ask AWS nothing: both environments at once. What is applied
# is staging/ and production/.
module "staging" {
  source         = "../staging"
  administrators = []
}

module "production" {
  source         = "../production"
  administrators = []
}
