import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns whatever a route throws into an answer, in the words and the shape of the service.
struct ErrorMiddleware: RouterMiddleware {
    let document: OpenAPIDocument?

    func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            // The connection is beyond answering on.
            if error is HTTPParserError || error is CancellationError || error is ChannelError { throw error }
            let answer = answer(to: error, request, context)
            if answer.status.code >= 500 {
                context.logger.info("answered \(answer)", metadata: ["path": "\(request.uri.path)"])
            }
            return try answer.response(from: request, context: context)
        }
    }

    private func answer(to error: any Error, _ request: Request, _ context: WebContext) -> WebError {
        if let error = error as? WebError { return error }
        if error is NIOTooManyBytesError {
            let limit = "The body is larger than \(context.maxUploadSize) bytes"
            return context.errors.error(.contentTooLarge, limit, id: "body-too-large")
        }
        guard let error = error as? any HTTPResponseError else {
            // What went wrong inside is for the log.
            context.logger.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return context.errors.error(.internalServerError, "Internal Server Error", id: "internal-error")
        }
        if error.status == .notFound, let methods = document?.methods(of: request.uri.path), !methods.isEmpty {
            var error = context.errors.error(.methodNotAllowed, "Method Not Allowed", id: "method-not-allowed")
            error.headers[.allow] = methods.joined(separator: ", ")
            return error
        }
        let isMissing = error.status == .notFound
        let message = isMissing ? "Not Found" : ((error as? HTTPError)?.body ?? error.status.reasonPhrase)
        return context.errors.error(error.status, message, id: isMissing ? "not-found" : "invalid-request")
    }
}
