import Foundation
import Registry

/// What is recorded of an application when it is registered: below `application-records/`, as JSON.
package struct ApplicationRecord: Codable, Sendable, Hashable {
    /// The name it was registered under; its id follows from it.
    package var name: String
    /// The tenant of whoever registered it first; nil where nobody had to say who he is.
    package var tenant: String?

    package init(name: String, tenant: String?) {
        self.name = name
        self.tenant = tenant
    }
}
