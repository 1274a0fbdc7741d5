import HTTPTypes

/// How a service writes the errors that no route of it makes.
package enum ErrorStyle: Sendable, Hashable {
    /// As Wazo's daemons do: API style; a body that cannot be used is a 400.
    case wazo
    /// As FastAPI does: `detail`; a body that cannot be used is a 422.
    case fastAPI

    /// An error of the shell itself.
    func error(_ status: HTTPResponse.Status, _ message: String, id: String) -> WebError {
        switch self {
        case .wazo: .api(status, id, message)
        case .fastAPI: WebError(status, .detail(message))
        }
    }

    /// A body that is not what the route takes.
    func unusable(_ problem: ValidationProblem) -> WebError {
        switch self {
        case .fastAPI: return .validation(problem)
        case .wazo:
            let path = problem.location.dropFirst().map { step in
                switch step {
                case .name(let name): name
                case .index(let index): "\(index)"
                }
            }.joined(separator: ".")
            let isWhole = path.isEmpty || problem.type == "value_error.jsondecode"
            let message = isWhole ? "Invalid input: \(problem.message)" : "Invalid input: \(path): \(problem.message)"
            return .api(.badRequest, "invalid-data", message, details: isWhole ? [:] : [path: problem.message])
        }
    }
}
