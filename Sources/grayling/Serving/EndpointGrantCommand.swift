import API
import ArgumentParser
import Client
import Core

struct EndpointGrantCommand: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Let somebody do something with an endpoint, or see who may.",
        discussion: """
            Writers of the model's repo may plan and apply, its admins approve and force. A grant is for others: release.plan, \
            release.apply, release.approve, release.force, release.pin, or role:NAME for a role that your manifests' approvals ask for.

              grayling endpoint grant chat
              grayling endpoint grant chat bob release.approve
              grayling endpoint grant chat bob role:release-manager --remove
            """)

    @Argument(help: "The endpoint.")
    var name: String

    @Argument(help: "The user; none lists the grants.")
    var user: String?

    @Argument(help: "What they may do.")
    var permission: String?

    @Flag(name: .long, help: "Take it away instead.")
    var remove = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard (user == nil) == (permission == nil) else { throw ValidationError("name a user and what they may do, or neither") }
        guard !remove || user != nil else { throw ValidationError("--remove needs a user and a permission") }
    }

    func run() async throws {
        let name = try EndpointName(parsing: name).text
        let session = try connection.session()
        guard let user, let permission else {
            let found: [GrantInfo] = try await session.all(.listGrants, [name])
            if output.json { return try Terminal.json(Page(items: found)) }
            return Terminal.table([["USER", "PERMISSION"]] + found.map { [$0.user, $0.permission] })
        }
        let path = [name, try OwnerName(parsing: user).text, permission]
        if remove {
            _ = try await session.bytes(.removeGrant, path)
            if output.showsProgress { Terminal.note("\(user) has no longer \(permission) on \(name)") }
            return
        }
        let answer = try await session.bytes(.setGrant, path)
        if output.json { return Terminal.json(answer) }
        if output.showsProgress { Terminal.note("\(user) has \(permission) on \(name)") }
    }
}
