import API
import Core
import Foundation

extension HubError {
    /// What the server said, or what its status means where it said nothing we can read.
    init(answer: Response, from server: ServerAddress) {
        if let problem = try? JSON.decode(Problem.self, from: Data(answer.body)) {
            // A code that a newer server has and we do not: its sentence still counts.
            self.init(
                Code(rawValue: problem.code) ?? .internalError, problem.detail.isEmpty ? problem.title : problem.detail,
                details: problem.details ?? [:])
            return
        }
        let status = answer.head.status
        let text = FilePath.printable(String(decoding: answer.body.prefix(200), as: UTF8.self))
        let said = text.isEmpty ? "" : ": \(text)"
        switch status {
        case 401: self.init(.unauthenticated, "\(server) wants a token\(said); run 'grayling login \(server)'")
        case 403: self.init(.notPermitted, "\(server) does not permit this\(said)")
        case 404: self.init(.unknownEndpoint, "\(server) does not know this call; is it a Grayling server of this version?")
        case 413: self.init(.tooLarge, "\(server) finds this too large\(said)")
        case 429, 502, 503, 504: self.init(.unavailable, "\(server) is busy or down (status \(status))\(said); try again later")
        case 507: self.init(.storageFull, "the disk of \(server) is full\(said)")
        default: self.init(.internalError, "\(server) answered with status \(status)\(said)")
        }
    }
}
